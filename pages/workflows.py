import streamlit as st

st.title("workflows")

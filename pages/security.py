import streamlit as st

st.title("security")

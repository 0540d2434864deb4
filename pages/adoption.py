import streamlit as st

st.title("adoption")

import streamlit as st

st.title("imports")

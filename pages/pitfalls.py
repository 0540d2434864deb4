import streamlit as st

st.title("pitfalls")

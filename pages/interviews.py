import streamlit as st

st.title("interviews")

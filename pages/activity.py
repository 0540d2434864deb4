import streamlit as st

st.title("activity")

"""The pages of one sign-in: each shows a step for its reason, asks the core, and ends with 303 to the dispatcher.

Pages never call one another; `dispatcher.py` alone knows where a person goes.
"""

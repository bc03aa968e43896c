"""The command line: the twin of the Python library.

Exit codes: 0 done; 1 a check found something, or an answer is empty where one was asked for; 2 the command was used
wrongly; 3 not found or ambiguous; 4 a rule, a value or a conflict refused the change; 5 the store cannot be used;
6 a question or file cannot be read; 130 stopped by the user.
"""

from relgraph.cli.main import main

__all__ = ["main"]

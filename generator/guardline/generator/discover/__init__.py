"""Reading an account with boto3, to write down what it already has. Only questions: nothing is changed."""

"""Pure evaluators of the small languages in AWS's configuration: event patterns, IAM policies, finding filters.

They read text and typed values only. Each raises `UnknownValue` where the text alone does not tell, and `ValueError`
where AWS would refuse the text.
"""

"""A local AWS for tests and the demo: moto, and the GuardDuty that moto lacks, on a loopback port.

`with serve() as aws:` starts it; `aws.url` is what AWS_ENDPOINT_URL wants.
"""

from guardline.localaws.server import LocalAws, serve

__all__ = ["LocalAws", "serve"]

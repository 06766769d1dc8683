"""Practice detection: GuardDuty runs in every region, with its features on."""

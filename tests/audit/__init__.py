"""How the judge itself is audited: calibration on healthy frameworks, and recall of planted faults."""

"""What is checked: functions on plain arrays or on tensors, and their arguments."""

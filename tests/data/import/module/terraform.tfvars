namespace = "Audit"

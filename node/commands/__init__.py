"""The subcommands of `roughweather`, one module each."""

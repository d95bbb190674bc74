"""The acts of `npm run demo`. Everything they show is measured; what is declared comes from the controller's REST API."""

"""Where the values of secrets come from; this package never knows who asks, and its errors never hold a value."""

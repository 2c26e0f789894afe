"""What several tests share: builders and strategies, no tests."""

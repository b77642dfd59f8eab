--- SNS: topics, subscriptions that wait for their confirmation, messages that go nowhere.
return {
  parts = { "topic", "subscription" },
  validation = { default = "InvalidParameter" },
}

--- What a service's API takes and CloudFormation's type of the same thing does not: only where a kind of csorun's
--- own handles it, in the words of the API. Each has the operation that takes it, which the models are asked about.
return {
  -- CloudFormation makes no SecureString. With KeyId, PutParameter encrypts by another key than alias/aws/ssm.
  ["AWS::SSM::Parameter"] = { operation = { "ssm", "PutParameter" }, enums = { Type = { "SecureString" } },
    properties = { KeyId = { type = { kind = "string" }, refs = { { type = "AWS::KMS::Key", attribute = "Arn" } } } } },
}

--- Which property names hold secrets. A property is sensitive when its name is one of `always`, or
--- when the service's own model marks a member of that name as sensitive and the name says that it
--- is a secret: the models also mark names, descriptions and addresses, which a plan has to show.
local secrets = {}

--- Secrets whatever the service's model says (many mark nothing).
secrets.always = {
  AccessToken = true, AddPrivateKey = true, AdminUserPassword = true, AuthToken = true, ClientSecret = true,
  CustomPrivateKey = true, MasterUserPassword = true, OauthToken = true, Password = true, PrivateKey = true,
  SecretKey = true, SecretString = true, SvmAdminPassword = true, TdeCredentialPassword = true,
}

--- Words in a name that tell a secret, in lower case.
secrets.words = { "password", "secret", "token", "privatekey", "credential", "passphrase", "apikey", "authkey" }

--- Names that hold such a word but name a place or a setting, not the secret itself.
secrets.endings = { "Arn", "ARN", "Url", "URL", "Uri", "Id", "Name", "Type", "Endpoint", "Source", "Version" }

--- Properties that bear such a name and are none: "Type.Property".
secrets.never = {
  -- TokenValidityUnits: "minutes", "hours" or "days".
  ["AWS::Cognito::UserPoolClient.AccessToken"] = true,
  ["AWS::Cognito::UserPoolClient.IdToken"] = true,
  ["AWS::Cognito::UserPoolClient.RefreshToken"] = true,
}

return secrets

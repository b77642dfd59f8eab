-- Certificates and keys as PEM text.
local x509 = require "cso.std.x509"

return function(shared)
  return function(text)
    shared.outcome(x509.parse(text))
    shared.outcome(x509.list(text))
    shared.outcome(x509.verify { certificate = text, roots = text, now = 1767225600, host = "a.example" })
    shared.outcome(x509.matches(text, text))
  end
end

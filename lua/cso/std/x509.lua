--- Keys and certificates for every room; the work is the host's.
return require "host.x509"

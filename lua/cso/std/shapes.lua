--- Typed output from decoded documents. The walking is the host's.
return require "host.shape"

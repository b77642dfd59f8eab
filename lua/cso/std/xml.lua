--- XML for every room. The codec is the host's.
return require "host.xml"

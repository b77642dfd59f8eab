--- Signature version 4 for the client and for the simulator that checks it; the host does the work.
return require "host.sigv4"

--- YAML 1.2 core for every room; the parser is the host's. decode(text, name) gives the value and a map
--- of dotted keys to lines; decode_all(text, options) the values of several documents.
return require "host.yaml"

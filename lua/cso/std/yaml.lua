--- YAML 1.2 core for every room; the parser is the host's. decode(text, name) gives the value and a map
--- of dotted keys to lines.
return require "host.yaml"

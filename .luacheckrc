std = "lua54"
max_line_length = 130
exclude_files = { "build", "build-*", "spec/life/examples" }
ignore = { "21./_.*" }
files["spec"] = { std = "+busted" }
files["lua/meta"] = { ignore = { "21.", "22.", "241" } }

std = "lua54"
max_line_length = 110
exclude_files = { "build", "build-*" }
ignore = { "21./_.*" }
files["spec"] = { std = "+busted" }

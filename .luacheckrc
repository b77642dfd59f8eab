std = "lua54"
max_line_length = 130
max_comment_line_length = false -- annotations of a shape stand on one line
max_string_line_length = false -- AWS's messages are as long as they are
exclude_files = { "build", "build-*", "spec/life/examples" }
ignore = { "21./_.*" }
files["spec"] = { std = "+busted" }
files["lua/meta"] = { ignore = { "21.", "22.", "241" } }

--- Splits a command line into words as a shell would, without being one: quotes and backslashes
--- count, nothing is expanded.
---@param line string
---@return string[]? words
---@return string? why
return function(line)
  local out, word, i = {}, nil, 1
  while i <= #line do
    local c = line:sub(i, i)
    if c:match("%s") then
      if word then out[#out + 1] = word end
      word = nil
      i = i + 1
    elseif c == "'" then
      local stop = line:find("'", i + 1, true)
      if not stop then return nil, "a quote is not closed" end
      word = (word or "") .. line:sub(i + 1, stop - 1)
      i = stop + 1
    elseif c == '"' then
      word = word or ""
      i = i + 1
      while line:sub(i, i) ~= '"' do
        local d = line:sub(i, i)
        if d == "" then return nil, "a quote is not closed" end
        if d == "\\" and line:sub(i + 1, i + 1):match('["\\$`]') then
          i = i + 1
          d = line:sub(i, i)
        end
        word = word .. d
        i = i + 1
      end
      i = i + 1
    elseif c == "\\" then
      word = (word or "") .. line:sub(i + 1, i + 1)
      i = i + 2
    else
      word = (word or "") .. c
      i = i + 1
    end
  end
  if word then out[#out + 1] = word end
  return out
end

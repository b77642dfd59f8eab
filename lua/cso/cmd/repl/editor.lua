--- The line editor's core: a text, a cursor and what keys do to them. Pure; drawing, history and
--- completion come from outside.
local editor = {}

---@class cso.cmd.Editor
---@field text string      may hold several lines
---@field cursor integer   bytes before the cursor
---@field search { query: string, index: integer }?   while searching the history
local Editor = {}
Editor.__index = Editor

--- An empty editor.
---@param opts { history: string[]?, is_complete: (fun(text: string): boolean)? }
---@return cso.cmd.Editor
function editor.new(opts)
  return setmetatable({ text = "", cursor = 0, killed = "", history = opts.history or {},
    at = nil, draft = "", is_complete = opts.is_complete or function() return true end }, Editor)
end

--- Puts a text in place of what is there, the cursor behind it.
---@param text string
function Editor:set(text)
  self.text, self.cursor = text, #text
end

--- Puts a text at the cursor.
---@param text string
function Editor:insert(text)
  self.text = self.text:sub(1, self.cursor) .. text .. self.text:sub(self.cursor + 1)
  self.cursor = self.cursor + #text
end

local function before(text, cursor)
  if cursor <= 0 then return 0 end
  return (utf8.offset(text, -1, cursor + 1) or cursor) - 1
end

local function behind(text, cursor)
  if cursor >= #text then return #text end
  return utf8.offset(text, 2, cursor + 1) - 1
end

local function word_start(text, cursor)
  local head = text:sub(1, cursor)
  return #head:gsub("[%w_\128-\255]*[^%w_\128-\255]*$", "")
end

local function word_end(text, cursor)
  local _, stop = text:find("^[^%w_\128-\255]*[%w_\128-\255]*", cursor + 1)
  return stop or #text
end

local function line_start(text, cursor)
  return #(text:sub(1, cursor):match("^(.*\n)") or "")
end

local function line_end(text, cursor)
  return (text:find("\n", cursor + 1, true) or #text + 1) - 1
end

local function cut(self, from, to)
  local piece = self.text:sub(from + 1, to)
  self.text = self.text:sub(1, from) .. self.text:sub(to + 1)
  self.cursor = from
  return piece
end

local function kill(self, from, to)
  if to > from then self.killed = cut(self, from, to) end
end

local function recall(self, step)
  local at = (self.at or #self.history + 1) + step
  if at < 1 or at > #self.history + 1 then return end
  if not self.at then self.draft = self.text end
  self.at = at <= #self.history and at or nil
  self:set(self.at and self.history[at] or self.draft)
end

local function vertical(self, direction)
  local start = line_start(self.text, self.cursor)
  local column = utf8.len(self.text, start + 1, self.cursor) or 0
  local target
  if direction < 0 then
    if start == 0 then return recall(self, -1) end
    target = line_start(self.text, start - 1)
  else
    local stop = line_end(self.text, self.cursor)
    if stop == #self.text then return recall(self, 1) end
    target = stop + 1
  end
  local stop, cursor = line_end(self.text, target), target
  for _ = 1, column do
    if cursor >= stop then break end
    cursor = behind(self.text, cursor)
  end
  self.cursor = cursor
end

local function find_back(self, query, from)
  for i = from, 1, -1 do
    if self.history[i]:find(query, 1, true) then return i end
  end
end

local function search_again(self, from)
  local search = self.search
  local found = search.query ~= "" and find_back(self, search.query, from)
  search.failed = search.query ~= "" and not found
  if found then
    search.index = found
    self:set(self.history[found])
    local first = self.text:find(search.query, 1, true)
    self.cursor = first and first - 1 or self.cursor
  end
end

local actions = {}

actions["left"] = function(self) self.cursor = before(self.text, self.cursor) end
actions["right"] = function(self) self.cursor = behind(self.text, self.cursor) end
actions["home"] = function(self) self.cursor = line_start(self.text, self.cursor) end
actions["end"] = function(self) self.cursor = line_end(self.text, self.cursor) end
actions["alt-b"] = function(self) self.cursor = word_start(self.text, self.cursor) end
actions["alt-f"] = function(self) self.cursor = word_end(self.text, self.cursor) end
actions["up"] = function(self) vertical(self, -1) end
actions["down"] = function(self) vertical(self, 1) end
actions["page-up"] = function(self) recall(self, -1) end
actions["page-down"] = function(self) recall(self, 1) end
actions["backspace"] = function(self) cut(self, before(self.text, self.cursor), self.cursor) end
actions["delete"] = function(self)
  local at = self.cursor
  cut(self, at, behind(self.text, at))
end
actions["ctrl-k"] = function(self)
  local stop = line_end(self.text, self.cursor)
  kill(self, self.cursor, stop == self.cursor and math.min(stop + 1, #self.text) or stop)
end
actions["ctrl-u"] = function(self) kill(self, line_start(self.text, self.cursor), self.cursor) end
actions["ctrl-w"] = function(self)
  local head = self.text:sub(1, self.cursor)
  kill(self, #head:gsub("%S*%s*$", ""), self.cursor)
end
actions["alt-d"] = function(self) kill(self, self.cursor, word_end(self.text, self.cursor)) end
actions["ctrl-y"] = function(self) self:insert(self.killed) end
actions["ctrl-d"] = function(self)
  if self.text == "" then return "eof" end
  actions["delete"](self)
end
actions["ctrl-c"] = function(self)
  self:set("")
  self.at = nil
  return "cancel"
end
actions["ctrl-l"] = function() return "clear" end
actions["ctrl-r"] = function(self)
  self.search = { query = "", saved = self.text, index = #self.history + 1 }
end
actions["tab"] = function(self)
  -- At the start of a line a tab is indentation: nothing stands there to be completed.
  if self.text:sub(line_start(self.text, self.cursor) + 1, self.cursor):match("^%s*$") then
    self:insert("  ")
    return nil
  end
  return "complete"
end
actions["enter"] = function(self)
  if self.is_complete(self.text) then return "submit" end
  self.cursor = #self.text
  self:insert("\n")
end
actions["ctrl-a"], actions["ctrl-e"] = actions["home"], actions["end"]
actions["ctrl-b"], actions["ctrl-f"] = actions["left"], actions["right"]
actions["ctrl-p"], actions["ctrl-n"] = actions["up"], actions["down"]
actions["ctrl-h"] = actions["backspace"]
actions["alt-\r"] = function(self) self:insert("\n") end
actions["alt-\n"] = actions["alt-\r"]

-- While searching, keys mean something else; any other key takes the match and acts on it.
local search_keys = {}
search_keys["ctrl-r"] = function(self) search_again(self, self.search.index - 1) end
search_keys["backspace"] = function(self)
  local query = self.search.query
  self.search.query = query:sub(1, before(query, #query))
  search_again(self, #self.history)
end
search_keys["ctrl-g"] = function(self)
  self:set(self.search.saved)
  self.search = nil
end
search_keys["escape"] = function(self) self.search = nil end
search_keys["ctrl-c"] = search_keys["ctrl-g"]
search_keys["tab"] = search_keys["escape"]

--- Takes a key in.
---@param key string|{text: string}
---@return "submit"|"cancel"|"eof"|"complete"|"clear"|nil what  for the caller to do
function Editor:key(key)
  if self.search then
    if type(key) == "table" then
      self.search.query = self.search.query .. key.text
      return search_again(self, math.min(self.search.index, #self.history))
    end
    local action = search_keys[key]
    if action then return action(self) end
    self.search = nil
  end
  if type(key) == "table" then
    self:insert(key.text)
    return nil
  end
  local action = actions[key]
  if action then return action(self) end
end

--- The word under completion: what stands before the cursor up to a blank, bracket or operator.
---@return string word, integer start  bytes before the word
function Editor:word()
  local head = self.text:sub(1, self.cursor)
  local word = head:match("[%w_%.:]*$")
  return word, self.cursor - #word
end

return editor

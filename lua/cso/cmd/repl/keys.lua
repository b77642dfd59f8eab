--- Turns the bytes of a terminal in raw mode into keys. Pure; keeps what is incomplete.
--- A key is a name ("up", "ctrl-a", "alt-b", "tab") or { text = "…" } for what was typed or
--- pasted.
local keys = {}

local sequences = {
  ["[A"] = "up", ["[B"] = "down", ["[C"] = "right", ["[D"] = "left",
  ["OA"] = "up", ["OB"] = "down", ["OC"] = "right", ["OD"] = "left",
  ["[H"] = "home", ["[F"] = "end", ["OH"] = "home", ["OF"] = "end",
  ["[1~"] = "home", ["[4~"] = "end", ["[7~"] = "home", ["[8~"] = "end",
  ["[2~"] = "insert", ["[3~"] = "delete", ["[5~"] = "page-up", ["[6~"] = "page-down",
  ["[1;5C"] = "alt-f", ["[1;5D"] = "alt-b", ["[1;3C"] = "alt-f", ["[1;3D"] = "alt-b",
  ["[5C"] = "alt-f", ["[5D"] = "alt-b", ["[3;5~"] = "alt-d", ["[Z"] = "back-tab",
}

local PASTE, PASTE_END = "\27[200~", "\27[201~"

local controls = { [0] = "ctrl-space", [8] = "backspace", [9] = "tab", [10] = "enter",
  [13] = "enter", [27] = "escape", [127] = "backspace" }

local function control(byte)
  return controls[byte] or byte < 27 and "ctrl-" .. string.char(byte + 96) or nil
end

-- The length of a UTF-8 character by its first byte; a stray byte counts as one.
local function char_length(byte)
  if byte >= 0xf0 then return 4 elseif byte >= 0xe0 then return 3 elseif byte >= 0xc0 then return 2 end
  return 1
end

-- Reads one escape sequence: its key (or false for one that means nothing here) and its length;
-- nil when more bytes are needed.
local function escape(data, at)
  local rest = data:sub(at + 1, at + 16)
  if rest == "" then return nil end
  local first = rest:sub(1, 1)
  if first == "[" or first == "O" then
    local sequence = rest:match("^%[[%d;?]*[@-~]") or rest:match("^O[@-~]")
    if not sequence then
      if #rest < 12 then return nil end
      return false, 2
    end
    return sequences[sequence] or false, #sequence + 1
  end
  if first == "\127" or first == "\8" then return "ctrl-w", 2 end
  if first == "\27" then return "escape", 1 end
  return "alt-" .. first, 2
end

---@class cso.cmd.Keys
local Keys = {}
Keys.__index = Keys

--- A decoder.
---@return cso.cmd.Keys
function keys.new()
  return setmetatable({ left = "" }, Keys)
end

local function paste(self, data, at, out)
  local stop = data:find(PASTE_END, at + #PASTE, true)
  if not stop then
    self.left = data:sub(at)
    return nil
  end
  local text = data:sub(at + #PASTE, stop - 1):gsub("\r\n?", "\n"):gsub("[%z\1-\8\11-\31\127]", "")
  if text ~= "" then out[#out + 1] = { text = text } end
  return stop + #PASTE_END
end

--- Takes bytes in and gives the keys that they complete.
---@param bytes string
---@return (string|{text: string})[]
function Keys:feed(bytes)
  local data, at, out = self.left .. bytes, 1, {}
  self.left = ""
  while at <= #data do
    local byte = data:byte(at)
    if byte == 27 then
      if data:sub(at, at + #PASTE - 1) == PASTE then
        at = paste(self, data, at, out)
        if not at then return out end
      else
        local key, length = escape(data, at)
        if key == nil then
          self.left = data:sub(at)
          return out
        end
        if key then out[#out + 1] = key end
        at = at + length
      end
    elseif byte < 32 or byte == 127 then
      out[#out + 1] = control(byte)
      at = at + 1
    else
      local length = char_length(byte)
      if at + length - 1 > #data then
        self.left = data:sub(at)
        return out
      end
      local text = data:sub(at, at + length - 1)
      local last = out[#out]
      if utf8.len(text) then
        if type(last) == "table" and not last.pasted then last.text = last.text .. text
        else out[#out + 1] = { text = text } end
      end
      at = at + length
    end
  end
  return out
end

return keys

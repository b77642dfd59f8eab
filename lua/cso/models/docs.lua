--- The documentation that the catalogue leaves out, from full models that are installed: botocore
--- (AWS_DATA_PATH, ~/.aws/models, Python's packages) and CloudFormation's database (db.json.gz in
--- AWS_DATA_PATH or ~/.aws/models).
local botocore = require "cso.models.botocore"
local cloudformation = require "cso.models.cloudformation"
local files = require "cso.models.files"
local import = require "cso.models.import"

local docs = {}

--- A service's full model, or nil when none is installed.
---@param name string
---@param environ table<string, string>
---@return table? model  as cso.models.botocore reads it, documentation kept
---@return string? place
function docs.service(name, environ)
  for _, place in ipairs(import.places(environ)) do
    local found = botocore.find(place)
    if found and found[name] then
      local model = botocore.read(name, found[name], { docs = true })
      if model then return model, place end
    end
  end
end

--- A CloudFormation type's documentation, or nil.
---@param name string
---@param environ table<string, string>
---@return {documentation: string?, properties: table<string, string>, definitions: table<string, table>}?
function docs.type(name, environ)
  for _, place in ipairs(import.places(environ)) do
    local path = files.either(place .. "/db.json")
    local db = path and files.read_json(path)
    if cloudformation.is_database(db) then
      local found = cloudformation.documentation(db, name)
      if found then return found end
    end
  end
end

local entities = { amp = "&", lt = "<", gt = ">", quot = '"', apos = "'", nbsp = " ", ["#39"] = "'", ["#160"] = " ",
  mdash = "-", ndash = "-", rsquo = "'", lsquo = "'" }

--- Documentation (HTML in botocore, Markdown in CloudFormation) as plain paragraphs.
---@param html string?
---@return string[]
function docs.paragraphs(html)
  local text = (html or ""):gsub("%s+", " ")
  text = text:gsub("<li>", "\n* "):gsub("</?[pP]>", "\n"):gsub("<br ?/?>", "\n"):gsub("</?[duo]l>", "\n")
  text = text:gsub("</?note>", "\n"):gsub("<[^>]*>", ""):gsub("&(#?%w+);", entities)
  text = text:gsub("%[([^%]]*)%]%(([^)]*)%)", "%1"):gsub("`` ?", "`"):gsub(" ?``", "`")
  local list = {}
  for line in text:gmatch("[^\n]+") do
    line = line:match("^%s*(.-)%s*$")
    if line ~= "" and line ~= "*" then list[#list + 1] = line end
  end
  return list
end

return docs

--- What is lived in the kill matrix, as data: a story is the stages of a stack's life, in their order. The
--- smaller ones stand in files of their own beside this one.
local stories = {}

---@class spec.Story
---@field name string
---@field files table<string, string>?   in the folder from the beginning
---@field stages spec.Stage[]
---@field stack string?    whose runs are meant
---@field beside string[]? patterns: what of the account is no part of the deployment (a bucket of states)
---@field state string?    where it is shared
---@field unlock string[]? how the lock of a dead run is ended; then copies go on from another machine, too
---@field env table<string, string>?

---@class spec.Ending
---@field words string[]    what is run, with {run} and other facts
---@field like string?      the stage whose account has to be there then; default: this one
---@field less boolean?     the account may hold less
---@field settled string[]? a command that has to end with 0 afterwards
---@field shows string[]?   a command that has to say afterwards what it says after an undisturbed run
---@field then_files table<string, string>?   written before that command

---@class spec.Stage: spec.Ending
---@field name string
---@field files table<string, string>?   written before it
---@field calm boolean?     nobody dies in it
---@field writes boolean?   it dies at its writes to the state, too
---@field family boolean?   it is many processes: one of them can't be killed alone
---@field done integer?     what it may end with, too, when a dead run had done it all
---@field prepare (fun(p: spec.Place))?
---@field facts (fun(p: spec.Place, run: fun(p: spec.Place, words: string[], code: integer?): integer, string): table)?
---  what its words need to know
---@field instead spec.Ending?   how one goes back instead of on

local FILES = { "change", "replace", "shared", "disk", "many", "taken", "kept" }

-- Words with the playbook and its options behind the verb.
local function with(book, verb, ...)
  local list, more = { verb }, { ... }
  table.move(book, 1, #book, 2, list)
  return table.move(more, 1, #more, #list + 1, list)
end

-- A playbook is applied and destroyed.
local function deployment(book)
  local gone = with(book, "plan", "--detailed-exitcode", "--destroy")
  return { name = "deployment", stages = {
    { name = "apply", words = with(book, "apply", "-y", "-q"), settled = with(book, "plan", "--detailed-exitcode"),
      instead = { words = with(book, "destroy", "-y", "-q"), like = "destroy", less = true, settled = gone } },
    { name = "destroy", words = with(book, "destroy", "-y", "-q"), settled = gone },
  } }
end

local made

--- Finds a story.
---@param asked { name: string, book: string[]? }
---@return spec.Story
function stories.get(asked)
  if asked.name == "deployment" then return deployment(asked.book) end
  return stories.all()[asked.name] or error("there is no story " .. asked.name, 0)
end

--- The stories beside the deployment, by name.
---@return table<string, spec.Story>
function stories.all()
  if not made then
    made = {}
    for _, file in ipairs(FILES) do
      for _, story in ipairs(require("spec.scenario.matrix.story." .. file)) do made[story.name] = story end
    end
  end
  return made
end

--- A stage by its name.
---@param story spec.Story
---@param name string
---@return spec.Stage
function stories.stage(story, name)
  for _, stage in ipairs(story.stages) do
    if stage.name == name then return stage end
  end
  error(("the story %s has no stage %s"):format(story.name, name), 0)
end

return stories

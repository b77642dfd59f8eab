--- The state gets another key, its first one, or none any more, by a run that changes nothing else.
local WORDS = { "correct horse", "battery staple" }

-- 0: in clear.
local function key(life, nth)
  return nth > 0 and "passphrase:WORDS_" .. nth or life.setting.shared and "none" or nil
end

local function seal(life, what)
  if not life.old then return end
  life.alone = false
  local before = life.sealed or 0
  for nth, words in ipairs(WORDS) do life.env["WORDS_" .. nth] = words end
  life.env.CSORUN_ENCRYPT = what.key > 0 and key(life, what.key) or nil
  life.env.CSORUN_ENCRYPT_OLD = before ~= what.key and key(life, before) or nil
  life:disturbed(life.APPLY, { kills = what.kills })
  life:good(life.APPLY)
  life.env.CSORUN_ENCRYPT_OLD = nil
  life.sealed = what.key
end

return {
  draw = function(dice, m, _, at, setting)
    if at == 1 or not m.clean or not dice.chance(0.15) then return nil end
    return { key = dice.below(#WORDS + 1) - 1, kills = require("spec.scenario.random.kills").draw(dice, 4, setting) }
  end,
  first = seal,
}

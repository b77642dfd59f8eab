--- A protected thing whose declaration goes, and a destruction of everything, are refused before anything is done.
return {
  draw = function(dice, m)
    local list = {}
    for _, n in ipairs(m.order) do
      if m:at(n).protect then list[#list + 1] = n end
    end
    return #list > 0 and dice.chance(0.3) and { n = dice.pick(list) } or nil
  end,
  after = function(life, what)
    local r = life.m:at(what.n)
    if not (r and r.protect) then return end
    life:write(life.m:without(what.n))
    life:refused(life.APPLY, "protect")
    life:write()
    life:refused(life.DESTROY, "protect")
    life:settled(life.m:desired())
  end,
}

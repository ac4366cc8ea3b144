-- Every request is for another path below the one that is given, and no run has those of another: they begin
-- with the time.

local count = 0
local prefix, name

function init(arguments)
    prefix, name = wrk.path:match("^(.*)(/[^/]*)$")
    prefix = prefix .. "/" .. os.time() .. "-"
end

function request()
    count = count + 1
    return wrk.format(nil, prefix .. count .. name)
end

-- Requests go to /route-0/ and so on, as many as the argument says.  However many there are, the paths are always
-- TARGETS different ones, so that only the number of routes differs; each comes in its turn, but none beside its
-- neighbour: the step is a prime.

local TARGETS = 10000
local STEP = 7919
local requests = {}
local position = 0

function init(arguments)
    local routes = tonumber(arguments[1])
    for index = 0, TARGETS - 1 do
        requests[index] = wrk.format(nil, "/route-" .. index % routes .. "/" .. index .. "/1k")
    end
end

function request()
    position = (position + STEP) % TARGETS
    return requests[position]
end

-- Every request carries a body; its size in bytes is the argument.

function init(arguments)
    wrk.method = "POST"
    wrk.body = string.rep("x", tonumber(arguments[1]))
    request_text = wrk.format()
end

function request()
    return request_text
end

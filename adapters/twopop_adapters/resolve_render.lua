-- Free DaVinci Resolve runs no Python: this exports the open timeline and starts a detached `twopop render`.
-- The result is written beside the export; import it with "twopop import result" once it is there.
local command = [[@COMMAND@]]
local windows = package.config:sub(1, 1) == "\\"
local home = os.getenv(windows and "USERPROFILE" or "HOME")

local function safe(name)
    return (name:gsub("[^%w _-]", "_"))
end

local function mkdir(folder)
    os.execute((windows and 'mkdir "' or 'mkdir -p "') .. folder .. '"')
end

local resolve = resolve or Resolve()
local project = resolve:GetProjectManager():GetCurrentProject()
local timeline = project and project:GetCurrentTimeline()
if not timeline then
    print("twopop: no timeline is open. Nothing was rendered.")
    return
end

local separator = windows and "\\" or "/"
local folder = table.concat({ home, "twopop", safe(project:GetName()) }, separator)
mkdir(folder)
local base = folder .. separator .. safe(timeline:GetName())
os.remove(base .. ".otio")
local exported = timeline:Export(base .. ".otio", resolve.EXPORT_OTIO, resolve.EXPORT_NONE)
local file = exported and io.open(base .. ".otio")
if not file then
    print("twopop: Resolve did not export the timeline as OTIO. Nothing was rendered.")
    return
end
file:close()

local render = command .. ' render "' .. base .. '.otio" --for resolve'
local log = ' > "' .. base .. '.log" 2>&1'
if windows then
    os.execute('start "twopop" /B cmd /C "' .. render .. log .. '"')
else
    os.execute("nohup " .. render .. log .. " &")
end
print("twopop: rendering " .. base .. ".otio; progress is in " .. base .. ".log")

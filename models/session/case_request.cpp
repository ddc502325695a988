#include "models/session/case_request.h"

namespace faultline {

Result<CaseRequest> caseRequest(const std::vector<std::string>& paths, const std::string& storePath)
{
    CaseRequest request;
    request.storePath = storePath;
    for (const std::string& path : paths) {
        if (!path.ends_with(".faultline")) {
            request.paths.push_back(path);
            continue;
        }
        if (!request.storePath.empty() && request.storePath != path)
            return makeError(ErrorKind::Usage, "open " + path,
                             "it is a second store, beside " + request.storePath,
                             {"A window shows one store: open each of them in a window of its own."});
        request.storePath = path;
    }
    return request;
}

} // namespace faultline

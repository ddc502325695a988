#pragma once
#include "models/base/result.h"

#include <string>
#include <vector>

namespace faultline {

/// What the user wants to look at.
struct CaseRequest
{
    std::vector<std::string> paths; ///< to be read; may be empty when a store is named
    std::string storePath;          ///< empty: the store that belongs to the paths
    bool demo = false;              ///< the demo incident instead of paths
    bool follow = false;            ///< the paths are followed as they grow
    /// To be followed instead of paths: what the user typed just now. Never set from a file, a link or a
    /// snapshot.
    std::string command{};
};

/// What a list of paths asks for: a store among them (*.faultline) is opened and the others are read into it.
/// `storePath` is the store that was named otherwise, or empty. Usage when that makes two stores.
Result<CaseRequest> caseRequest(const std::vector<std::string>& paths, const std::string& storePath = {});

} // namespace faultline

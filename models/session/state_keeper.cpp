#include "models/session/state_keeper.h"

#include <QJsonDocument>

#include <future>
#include <utility>

namespace faultline {
namespace {

constexpr int kDelayMs = 700;
/// Changes that a disk did not take, of one document; older ones are forgotten (and were told).
constexpr std::size_t kMostUnmade = 1'000;

QJsonObject objectOf(const std::string& json)
{
    return QJsonDocument::fromJson(QByteArray::fromRawData(json.data(), static_cast<qsizetype>(json.size())))
        .object();
}

std::string textOf(const QJsonObject& object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString();
}

/// What cannot be a document never will be one.
bool isHopeless(const Error& error)
{
    return error.kind == ErrorKind::Limit || error.kind == ErrorKind::Input;
}

} // namespace

QJsonObject readObject(const UserState* state, const std::string& store, std::string_view name,
                       std::vector<Error>& damaged)
{
    if (state == nullptr) return {};
    auto document = state->read(store, name);
    if (!document) {
        damaged.push_back(document.error());
        return {};
    }
    if (document->damaged) damaged.push_back(*document->damaged);
    return objectOf(document->json);
}

StateKeeper::StateKeeper(std::shared_ptr<const UserState> state, QObject* parent)
    : QObject(parent), m_state(std::move(state)), m_worker(std::make_unique<WorkerPool>(1))
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(kDelayMs);
    connect(&m_timer, &QTimer::timeout, this, &StateKeeper::flush);
    connect(&m_watch, &FolderWatch::replaced, this,
            [this](const std::string& folder, const std::string& file) {
                for (const auto& [key, followed] : m_followed)
                    if (followed.folder == folder && (file.empty() || file == key.second + ".json"))
                        look(key);
            });
}

StateKeeper::~StateKeeper()
{
    finish();
    m_worker.reset();
    m_mailbox.close();
}

std::vector<Error> StateKeeper::finish()
{
    flush();
    m_worker->post([this] {
        // What the disk did not take before may go by now.
        std::vector<Key> again;
        for (const auto& [key, changes] : m_unmade)
            if (!changes.empty()) again.push_back(key);
        for (const Key& key : again) (void)make(key);
    });
    // The pool drops what it has not begun: waits for the last of it.
    auto done = std::make_shared<std::promise<void>>();
    auto written = done->get_future();
    m_worker->post([done] { done->set_value(); });
    if (written.wait_for(kWaitAtTheEnd) != std::future_status::ready) {
        m_ending.request_stop(); // from here on each lock is tried once
        written.wait();
    }
    std::vector<Error> lost;
    for (const auto& [key, error] : m_lost) lost.push_back(error);
    return lost;
}

LockPatience StateKeeper::patience() const
{
    return {LockPatience().most, m_ending.get_token()};
}

void StateKeeper::put(const std::string& store, const std::string& name, const QJsonObject& document)
{
    if (!m_state) return;
    m_waiting[{store, name}] = {document, ++m_serial, false};
    if (!m_timer.isActive()) m_timer.start();
}

void StateKeeper::flush()
{
    m_timer.stop();
    for (auto& [key, waiting] : m_waiting) {
        if (waiting.posted) continue;
        waiting.posted = true;
        m_worker->post([this, key = key, document = waiting.document, serial = waiting.serial] {
            const Status status = m_state->write(key.first, key.second, textOf(document), patience());
            m_lost.erase(key);
            if (!status) m_lost[key] = status.error();
            m_mailbox.post([this, key, serial, status] {
                const auto found = m_waiting.find(key);
                if (found != m_waiting.end() && found->second.serial == serial) m_waiting.erase(found);
                if (!status) say(status.error(), false);
            });
        });
    }
}

Result<UserState::Document> StateKeeper::make(const Key& key)
{
    std::vector<Change>& changes = m_unmade[key];
    const auto all = [&changes](const std::string& before) -> Result<std::string> {
        QJsonObject document = objectOf(before);
        for (const Change& each : changes) {
            auto next = each(document);
            if (!next) return std::move(next).error();
            document = std::move(*next);
        }
        return textOf(document);
    };
    auto made = m_state->update(key.first, key.second, all, patience());
    m_lost.erase(key);
    if (made) {
        changes.clear();
    } else {
        m_lost[key] = made.error();
        if (isHopeless(made.error())) changes.pop_back(); // the others may go
    }
    return made;
}

void StateKeeper::change(const std::string& store, const std::string& name, Change change)
{
    if (!m_state) return;
    flush();
    const Key key{store, name};
    const quint64 serial = ++m_serial;
    m_changes[key].posted = serial;
    m_worker->post([this, key, serial, change = std::move(change)]() mutable {
        std::vector<Change>& changes = m_unmade[key];
        changes.push_back(std::move(change));
        if (changes.size() > kMostUnmade) changes.erase(changes.begin());
        auto made = make(key);
        m_mailbox.post([this, key, serial, made = std::move(made)] {
            if (made) {
                if (made->damaged) say(*made->damaged, true);
                m_changes[key].done = serial;
                return tell(key, objectOf(made->json));
            }
            say(made.error(), false);
            if (!isHopeless(made.error())) return;
            m_changes[key].done = serial;
            look(key);
        });
    });
}

void StateKeeper::read(const std::string& store, const std::string& name,
                       std::function<void(const QJsonObject&)> reply)
{
    flush();
    m_worker->post([this, store, name, reply = std::move(reply)] {
        std::vector<Error> damaged;
        auto document = readObject(m_state.get(), store, name, damaged);
        m_mailbox.post([this, reply, document = std::move(document), damaged] {
            for (const Error& error : damaged) say(error, true);
            reply(document);
        });
    });
}

void StateKeeper::follow(const std::string& store, const std::string& name)
{
    if (!m_state) return;
    const Key key{store, name};
    m_followed[key] = {};
    m_worker->post([this, key] {
        const auto folder = m_state->makeFolder(key.first);
        if (!folder) return; // whoever writes there is told
        m_watch.add(*folder);
        m_mailbox.post([this, key, folder = *folder] {
            if (const auto found = m_followed.find(key); found != m_followed.end())
                found->second.folder = folder;
        });
    });
    // Behind the watch, so that nothing is missed between.
    look(key);
}

void StateKeeper::unfollow(const std::string& store, const std::string& name)
{
    m_followed.erase({store, name});
}

void StateKeeper::look(const Key& key)
{
    read(key.first, key.second, [this, key](const QJsonObject& document) { tell(key, document); });
}

void StateKeeper::tell(const Key& key, const QJsonObject& document)
{
    const auto found = m_followed.find(key);
    if (found == m_followed.end()) return;
    Followed& followed = found->second;
    // A change that is on its way, or that the disk did not take, is not in it.
    if (const Changes& changes = m_changes[key]; changes.posted != changes.done) return;
    if (followed.told && followed.known == document) return;
    followed.told = true;
    followed.known = document;
    Q_EMIT changed(key.first, key.second, document);
}

std::optional<QJsonObject> StateKeeper::unwritten(const std::string& store, const std::string& name) const
{
    const auto found = m_waiting.find({store, name});
    return found == m_waiting.end() ? std::nullopt : std::optional(found->second.document);
}

void StateKeeper::say(const Error& error, bool always)
{
    // A disk that is full stays so for a while.
    if (m_said && !always) return;
    m_said = m_said || !always;
    Q_EMIT failed(error);
}

} // namespace faultline

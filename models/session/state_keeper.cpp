#include "models/session/state_keeper.h"

#include <QJsonDocument>

#include <future>

namespace faultline {
namespace {

constexpr int kDelayMs = 700;

QJsonObject objectOf(const std::string& json)
{
    return QJsonDocument::fromJson(QByteArray::fromRawData(json.data(), static_cast<qsizetype>(json.size())))
        .object();
}

std::string textOf(const QJsonObject& object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString();
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
}

StateKeeper::~StateKeeper()
{
    flush();
    // The pool drops what it has not begun: waits for the last of it.
    auto done = std::make_shared<std::promise<void>>();
    auto written = done->get_future();
    m_worker->post([done] { done->set_value(); });
    written.wait();
    m_worker.reset();
    m_mailbox.close();
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
            const Status status = m_state->write(key.first, key.second, textOf(document));
            m_mailbox.post([this, key, serial, status] {
                const auto found = m_waiting.find(key);
                if (found != m_waiting.end() && found->second.serial == serial) m_waiting.erase(found);
                if (!status) say(status.error(), false);
            });
        });
    }
}

void StateKeeper::change(const std::string& store, const std::string& name,
                         std::function<QJsonObject(const QJsonObject&)> change)
{
    if (!m_state) return;
    flush();
    m_worker->post([this, store, name, change = std::move(change)] {
        const Status status = m_state->update(
            store, name, [&](const std::string& before) { return textOf(change(objectOf(before))); });
        if (!status) m_mailbox.post([this, error = status.error()] { say(error, false); });
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

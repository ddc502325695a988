#pragma once
#include <QKeySequence>
#include <QList>
#include <QString>

#include <functional>
#include <vector>

class QKeyEvent;

namespace faultline {

/// The keys of a view. What they do and what the help lists are the same rows, so that the two cannot differ.
/// GUI thread.
class KeyTable
{
public:
    struct Row
    {
        QList<QKeySequence> keys; ///< one press each; any of them
        QString what;             ///< for people: "Next event"
        std::function<void()> run;
    };
    void add(QList<QKeySequence> keys, QString what, std::function<void()> run);
    /// Does what the key is for; false when it is none of these.
    bool handle(const QKeyEvent& event) const;
    const std::vector<Row>& rows() const { return m_rows; }

private:
    std::vector<Row> m_rows;
};

/// Whether a key writes a sign. A list would look for a row that begins with it: where letters are commands
/// that is never what was meant, and the views around have commands of their own.
bool writes(const QKeyEvent& event);

/// A widget that has keys of its own while the keyboard is in it.
class HasKeys
{
public:
    virtual ~HasKeys() = default;
    virtual QString keysTitle() const = 0; ///< "List of events"
    virtual const KeyTable& keys() const = 0;
    /// Letters are typed here: the single keys of what it lies in do not work meanwhile.
    virtual bool takesText() const { return false; }
};

} // namespace faultline

Feature: Machines over SSH
  From the queen's machine others become part of the cluster with nothing on them but sshd, and are left as they were.

  Background:
    Given a machine with nothing but sshd

  Scenario: Add remote rbee-hive node to registry
    When "rbee setup add-node --name attic --ssh-host far" succeeds
    Then "rbee setup list-nodes" tells of "attic" and that nothing is installed there
    When "rbee setup install --node attic" fails with "queen.unreachable"
    And "rbee hive start --node attic" fails with "setup.not.installed"
    And "rbee hive start --node cellar" fails with "setup.node.unknown"

  Scenario: Remove node from rbee-hive registry
    When "rbee setup add-node --name attic --ssh-host far" succeeds
    And that machine is gone
    And "rbee setup remove-node --node attic" fails with "ssh.unreachable"
    And "rbee setup remove-node --node attic --forget" succeeds
    Then "rbee setup list-nodes" prints "no nodes"

  Scenario: EH-011b - Duplicate node name
    When "rbee setup add-node --name attic --ssh-host far" succeeds
    And "rbee setup add-node --name attic --ssh-host elsewhere" fails with "setup.node.taken"
    And "rbee setup add-node --name not/a/name --ssh-host far" fails with "usage.invalid"

  Scenario: EH-011a - Invalid SSH key path
    When "rbee setup add-node --name attic --ssh-host far --ssh-key no-such-file" fails with "ssh.key.invalid"
    Then "rbee setup list-nodes" prints "no nodes"

  Scenario: EH-001a - SSH connection timeout
    Given that machine takes connections and says nothing
    When "rbee setup add-node --name attic --ssh-host far" fails with "ssh.unreachable"
    Then "rbee setup list-nodes" prints "no nodes"

  Scenario: EH-001b - SSH authentication failure
    Given that machine takes the key no more
    When "rbee setup add-node --name attic --ssh-host far" fails with "ssh.refused"
    Then "rbee setup list-nodes" prints "no nodes"

  Scenario: EH-001c - SSH command execution failure
    Given that machine lets nobody have a shell
    When "rbee setup add-node --name attic --ssh-host far" fails with "ssh.foreign"
    Then "rbee setup list-nodes" prints "no nodes"

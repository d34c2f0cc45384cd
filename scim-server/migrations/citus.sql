-- Distributes the schema by tenant, on a PostgreSQL with Citus: once, as its owner, after
-- `migrate` and before the first request. Every statement of the server names one tenant, so each
-- goes to the one worker that holds it.
SELECT create_reference_table('tenant');
SELECT create_distributed_table('resource', 'tenant_id');
SELECT create_distributed_table('unique_key', 'tenant_id', colocate_with => 'resource');
SELECT create_distributed_table('lookup_key', 'tenant_id', colocate_with => 'resource');
SELECT create_distributed_table('membership', 'tenant_id', colocate_with => 'resource');
SELECT create_distributed_table('change', 'tenant_id', colocate_with => 'resource');
SELECT create_distributed_table('unsealed', 'tenant_id', colocate_with => 'resource');
SELECT create_distributed_table('seal', 'tenant_id', colocate_with => 'resource');
SELECT create_distributed_table('checkpoint', 'tenant_id', colocate_with => 'resource');
SELECT create_distributed_table('lease', 'tenant_id', colocate_with => 'resource');
SELECT create_distributed_table('job', 'tenant_id', colocate_with => 'resource');
SELECT create_distributed_table('token', 'tenant_id', colocate_with => 'resource');
SELECT create_distributed_table('token_secret', 'tenant_id', colocate_with => 'resource');
SELECT create_distributed_table('session', 'tenant_id', colocate_with => 'resource');
SELECT create_distributed_table('kept_secret', 'tenant_id', colocate_with => 'resource');
SELECT create_distributed_table('trust', 'tenant_id', colocate_with => 'resource');
SELECT create_distributed_table('idempotency', 'tenant_id', colocate_with => 'resource');
SELECT create_distributed_table('tenant_key', 'tenant_id', colocate_with => 'resource');
